"""WooCommerce's customers: their wire form, the mapping, reading and writing."""
