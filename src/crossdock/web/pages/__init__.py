"""The HTML pages and their fragments, rendered on the server. Must not know the JSON routes."""
