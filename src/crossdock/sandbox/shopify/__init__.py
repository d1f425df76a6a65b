"""A Shopify store's GraphQL Admin API as the sandbox serves it. Must not know the WooCommerce sandbox."""
