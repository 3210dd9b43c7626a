"""The faces on the web: storefront, portal and console. They turn wishes into commands and rows into pages."""
