"""Orders of a Shopify store: read whole or in outline, looked up, and made."""
