"""Which kinds a cluster serves: a table of what is known beforehand, and the CustomResourceDefinitions of a project."""
