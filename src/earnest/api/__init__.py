"""The API, version 1: JSON over HTTP, OpenAPI 3.1, bearer keys with scopes."""
