"""The same verbs as tools of the Model Context Protocol, over standard input or HTTP. Only this package imports the SDK."""
