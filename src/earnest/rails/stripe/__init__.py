"""Card money through the official SDK. It does not know whether it talks to Stripe or to the double."""
