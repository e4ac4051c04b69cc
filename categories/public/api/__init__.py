"""The record as JSON, described by OpenAPI: schemas, views, problems, and the description as a page.

Others may import `views`, to mount its `urls`.
"""
