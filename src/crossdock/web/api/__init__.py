"""The JSON routes and their schemas: the product's HTTP contract. Must not know the pages."""
