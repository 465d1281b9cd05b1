// The messages and services of the API, as protoc-gen-es makes them of proto/.
export * from "./gen/howmuch/v1/change_pb.js";
export * from "./gen/howmuch/v1/event_pb.js";
export * from "./gen/howmuch/v1/event_service_pb.js";
export * from "./gen/howmuch/v1/expense_pb.js";
export * from "./gen/howmuch/v1/expense_service_pb.js";
export * from "./gen/howmuch/v1/overview_pb.js";
export * from "./gen/howmuch/v1/user_pb.js";
export * from "./gen/howmuch/v1/user_service_pb.js";
