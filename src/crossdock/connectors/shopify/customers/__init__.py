"""Customers of a Shopify store: how they are read and written. Must not know any other kind of record."""
