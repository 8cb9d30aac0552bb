// The token of an account link is in the address's fragment, which browsers send to no server.
// It is posted to the API only when somebody presses the button: scanners follow links, too.
const token = window.location.hash.slice(1);
const result = document.getElementById("result");
const form = document.querySelector(token ? "form:not(#no-token)" : "#no-token");

function show(text, isGood) {
  result.textContent = text;
  result.classList.toggle("good", isGood);
  result.classList.toggle("bad", !isGood);
  result.hidden = false;
}

function words(problem) {
  const details = (problem.errors || []).map((error) => error.detail);
  return details.length ? details.join(" ") : problem.detail || "That did not work.";
}

async function send(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  const body = Object.fromEntries(new FormData(form));
  if (token) body.token = token;
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      credentials: "omit",
      body: JSON.stringify(body),
    });
    if (answer.ok) {
      form.hidden = true;
      show(form.dataset.done, true);
      // The used token need not stay in the address bar or the history.
      window.history.replaceState(null, "", window.location.pathname);
      return;
    }
    show(words(await answer.json()), false);
  } catch {
    show("The server could not be reached. Try again in a minute.", false);
  }
  button.disabled = false;
}

form.hidden = false;
if (form.tagName === "FORM") form.addEventListener("submit", send);
