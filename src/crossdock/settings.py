"""Every setting: its name, variable, default and help. Nothing else reads the environment."""
