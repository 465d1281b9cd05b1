"""HTTP/JSON gateway for any gRPC service whose methods have google.api.http rules.

It knows descriptors and nothing of howmuch: `howmuch gateway` serves other backends too. Routes, bindings and
converters are compiled at start.

    descriptors, templates, routes   from descriptors to a table of routes
    requests, query, bodies, wire    from path, query and body to request messages
    replies, streams, call_errors    from response messages and errors to HTTP
    application, calls, upstream     one request from end to end
    http_server, protocol, listener  the HTTP server
"""
