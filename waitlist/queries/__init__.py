"""The read models: one module for each family of pages. SELECT only."""
