"""The OpenAPI 3.1 document of a gateway, from its descriptors and routes.

    options                             options of the document
    comments, annotations, keywords     proto files beyond their types
    source, components                  shared input and shared parts
    wellknown, schemas, examples        messages, enums and values in JSON
    paths, parameters, bodies           requests
    responses, security, operations     responses, security and whole operations
    document, render                    the document, as an object and as text

The gateway decides the form of requests and responses. Annotations can narrow and describe it, not change it.
"""

from howmuch.gateway.openapi.document import openapi_document
from howmuch.gateway.openapi.options import OpenApiOptions
from howmuch.gateway.openapi.render import to_json, to_yaml

__all__ = ["OpenApiOptions", "openapi_document", "to_json", "to_yaml"]
