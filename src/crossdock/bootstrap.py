"""The composition root: settings in, services out. The only module that imports a concrete platform."""
