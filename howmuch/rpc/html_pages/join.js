"use strict";
// Signs up or logs in, then accepts the invitation. The session lives in this page alone, and ends with the join.
const form = document.querySelector("form");
const all = document.getElementById("all");
const fault = form.querySelector("[role=alert]");
const naming = document.getElementById("naming");
const password = document.getElementById("password");
const words = form.dataset;
const faults = JSON.parse(words.faults);
const account = { email: "", name: "", exists: false, token: "" };
let mustRename = false;

class Refused extends Error {
  constructor(reason, message) {
    super(message);
    this.reason = reason;
  }
}

async function call(method, path, body) {
  const headers = { "content-type": "application/json" };
  if (account.token) headers.authorization = `Bearer ${account.token}`;
  let answer, status;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    status = await answer.json();
  } catch {
    // No answer, or one of a proxy.
    throw new Refused("", words.unreachable);
  }
  if (answer.ok) return status;
  const reasons = (status.details || []).map((detail) => detail.reason).filter(Boolean);
  const known = reasons.find((reason) => faults[reason]);
  throw new Refused(reasons[0] || "", faults[known] || status.message);
}

async function signUp(fields) {
  const { email, name } = fields;
  const user = { email, name, password: fields.password, locale: words.language, currencyCode: words.currency };
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  try {
    await call("POST", "/v1/users", { ...user, timeZone });
  } catch (error) {
    // A browser may know a zone that the server does not.
    if (error.reason !== "TIME_ZONE_UNKNOWN") throw error;
    await call("POST", "/v1/users", user);
  }
  account.exists = true;
}

async function enter(fields) {
  const isOther = fields.email !== account.email;
  if (isOther) Object.assign(account, { email: fields.email, name: fields.name || "", exists: false, token: "" });
  if (account.token) return;
  if (fields.mode === "signup" && !account.exists) await signUp(fields);
  const log = { email: fields.email, password: fields.password, client: "howmuch, page of an invitation" };
  const opened = await call("POST", "/v1/sessions", log);
  account.token = opened.token;
}

async function join(fields) {
  await enter(fields);
  if (mustRename && fields.name && fields.name !== account.name) {
    await call("PATCH", "/v1/users/me", { name: fields.name });
    account.name = fields.name;
  }
  await call("POST", `/v1/invitations/${words.token}:accept`, { memberId: fields.memberId || "" });
  // The session has done its work. If this call fails, it ends by itself.
  await call("DELETE", "/v1/sessions/current").catch(() => {});
}

function done(fields) {
  const title = document.querySelector("h1");
  title.textContent = words.doneTitle;
  document.title = words.doneTitle;
  const about = document.querySelector(".card > p");
  about.textContent = fields.mode === "signup" ? words.doneText.replace("{email}", fields.email) : "";
  about.hidden = !about.textContent;
  form.remove();
  for (const gone of document.querySelectorAll("dl, #terminal")) gone.remove();
  document.getElementById("next").hidden = false;
  title.focus();
}

function setMode() {
  const isNew = form.elements.mode.value === "signup";
  naming.hidden = !isNew && !mustRename;
  form.elements.name.disabled = naming.hidden;
  password.autocomplete = isNew ? "new-password" : "current-password";
  document.getElementById("rule").hidden = !isNew;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  fault.hidden = true;
  all.disabled = true;
  try {
    await join(fields);
  } catch (error) {
    mustRename = mustRename || error.reason === "NAME_LOOKS_LIKE_ANOTHER";
    all.disabled = false;
    setMode();
    fault.hidden = false;
    fault.textContent = error.message;
    form.querySelector("button").focus();
    return;
  }
  done(fields);
});

for (const choice of form.elements.mode) choice.addEventListener("change", setMode);
document.getElementById("show").addEventListener("change", (event) => {
  password.type = event.target.checked ? "text" : "password";
});
all.disabled = false;
setMode();
