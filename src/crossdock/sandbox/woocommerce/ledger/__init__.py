"""What a WooCommerce sandbox store keeps of its orders, and how it adds them up: no request, no route, no store."""
