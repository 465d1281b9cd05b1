"""The OpenAPI 3.1 document of a gateway, out of the descriptors and routes that it serves.

    options                             what can be chosen
    comments, annotations, keywords     what proto files say beyond their types
    source, components                  what everything is made from, and what is written once
    wellknown, schemas, examples        messages, enums and values in JSON
    paths, parameters, bodies           what requests are made of
    responses, security, operations     what they get, and who gets it
    document, render                    the whole, and as text

The gateway decides what requests and answers look like, and annotations may narrow and describe that; they
cannot change it. Each module says which way it took where there were several.
"""

from howmuch.gateway.openapi.document import openapi_document
from howmuch.gateway.openapi.options import OpenApiOptions
from howmuch.gateway.openapi.render import to_json, to_yaml

__all__ = ["OpenApiOptions", "openapi_document", "to_json", "to_yaml"]
