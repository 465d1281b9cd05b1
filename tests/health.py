"""The health service of gRPC, whose published stub has no types."""

import grpc
from grpc_health.v1 import health_pb2


class Health:
    """Calls the service over a channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        encode = health_pb2.HealthCheckRequest.SerializeToString
        decode = health_pb2.HealthCheckResponse.FromString
        self.check = channel.unary_unary("/grpc.health.v1.Health/Check", encode, decode)
        self.watch = channel.unary_stream("/grpc.health.v1.Health/Watch", encode, decode)
