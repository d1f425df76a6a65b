"""The web application: the JSON API and the pages over the same services. Holds no rule of comparing or syncing."""
