// Usage: npm start [-- URL]
import { trip } from "./trip.js";

await trip(process.argv[2] ?? "http://127.0.0.1:8080", console.log);
