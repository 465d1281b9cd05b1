// Swagger UI for this server's document. A response with a token authorizes further calls.
"use strict";

const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  tryItOutEnabled: true,
  validatorUrl: null,
  responseInterceptor: (response) => {
    const token = response.ok && response.body && response.body.token;
    if (typeof token === "string") {
      for (const name of bearerSchemes()) {
        ui.preauthorizeApiKey(name, token);
      }
      document.getElementById("hint").textContent =
        "You are signed in: further calls send the token of that response.";
    }
    return response;
  },
});

function bearerSchemes() {
  const schemes = ui.specSelectors.specJson().getIn(["components", "securitySchemes"]);
  return schemes ? [...schemes.entries()].filter(isBearer).map(([name]) => name) : [];
}

function isBearer([, scheme]) {
  return scheme.get("type") === "http" && scheme.get("scheme") === "bearer";
}
