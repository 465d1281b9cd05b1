"""HTTP/JSON in front of any gRPC service whose methods carry google.api.http.

Knows descriptors and nothing of howmuch: `howmuch gateway` serves other backends with it. Routes, bindings
and conversions are worked out once, when it starts; a request only looks them up.

    descriptors, templates, routes   what the protobuf files say, and which method answers a path
    requests, query, bodies, wire    from path, query and body to the bytes of request messages
    replies, streams, status         from response messages and statuses to HTTP
    application, headers, upstream   one request from end to end
    server                           the listening program around it
"""
