// Decisions on suggested names without leaving the page: each small form is sent as it stands, and what comes back, the
// decided case, takes the place of the open one. Without this script the forms work as forms do.
(function () {
  const caseOf = (id) => document.getElementById("case-" + id);

  function say(words) {
    document.querySelectorAll("[data-desk-news]").forEach((place) => { place.textContent = words; });
  }

  function refuse(id, words) {
    const place = caseOf(id).querySelector(".case-refusal");
    place.textContent = words;
    place.hidden = false;
  }

  function setBusy(id, isBusy) {
    caseOf(id).toggleAttribute("aria-busy", isBusy);
    caseOf(id).querySelectorAll("button").forEach((button) => { button.disabled = isBusy; });
  }

  function showWaiting(count) {
    document.querySelectorAll("[data-waiting]").forEach((place) => { place.textContent = count; });
    document.querySelectorAll("a").forEach((link) => {
      const badge = link.lastElementChild;
      const isHere = link.pathname === window.location.pathname;
      if (isHere && badge && /^\d+$/.test(badge.textContent.trim())) badge.textContent = count;
    });
  }

  function goOn(decided) {
    const open = Array.from(document.querySelectorAll(".case[data-case]"));
    const following = decided.compareDocumentPosition.bind(decided);
    const next = open.find((one) => following(one) & Node.DOCUMENT_POSITION_FOLLOWING) || open[0];
    if (next) next.querySelector(".is-primary").focus();
    else {
      document.querySelectorAll(".case-more").forEach((more) => { more.hidden = false; });
      decided.querySelector("h3").focus();
    }
  }

  function takePlace(id, piece) {
    const row = caseOf(id).closest("tr");
    const box = row.querySelector(".action-select");
    if (box && box.checked) box.click();
    if (box) box.remove();
    caseOf(id).outerHTML = piece;
    const decided = caseOf(id);
    say(decided.querySelector(".case-name").textContent.trim() + ": " + decided.querySelector(".case-outcome").textContent.trim().replace(/\s+/g, " "));
    goOn(decided);
  }

  async function send(form, button) {
    const id = form.dataset.decides;
    const body = new FormData(form);
    if (button && button.name) body.append(button.name, button.value);
    setBusy(id, true);
    try {
      const answer = await fetch(form.action, { method: "POST", body: body, headers: { "X-Desk": "yes" } });
      if (answer.status === 409) {
        setBusy(id, false);
        refuse(id, (await answer.json()).refusal);
      } else if (answer.ok && !answer.redirected) {
        showWaiting(answer.headers.get("X-Waiting"));
        takePlace(id, await answer.text());
      } else throw new Error(answer.statusText);
    } catch (error) {
      setBusy(id, false);
      refuse(id, "That did not get through. Reload the page and try again.");
    }
  }

  // Unfold's script takes whatever is typed into a list for edits that a bulk action would lose.
  document.addEventListener("change", function (event) {
    if (event.target.closest(".case")) event.stopPropagation();
  }, true);

  document.addEventListener("submit", function (event) {
    if (!event.target.dataset || !event.target.dataset.decides) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
})();
