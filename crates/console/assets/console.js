// Live updates, the zoom of drawings, files and sliders in forms, and proofs of journeys. Every page works
// without this file.

const live = document.querySelector("[data-live]");
if (live && "EventSource" in window) {
  const source = new EventSource(live.dataset.live);
  source.addEventListener("page", (event) => {
    // Do not take away what somebody is reading with the keyboard or has selected.
    const selection = getSelection();
    const isSelecting = selection && !selection.isCollapsed && live.contains(selection.anchorNode);
    if (!isSelecting && !live.contains(document.activeElement)) live.innerHTML = event.data;
  });
  addEventListener("pagehide", () => source.close());
}

for (const figure of document.querySelectorAll("[data-zoom]")) {
  const drawing = figure.querySelector("svg");
  const frame = figure.querySelector(".graph");
  if (!drawing || !frame) continue;
  const width = Number(drawing.getAttribute("width"));
  const height = Number(drawing.getAttribute("height"));
  let scale = 1;
  const show = (next) => {
    const middle = (frame.scrollLeft + frame.clientWidth / 2) / scale;
    scale = Math.min(2, Math.max(0.2, next));
    drawing.setAttribute("width", String(width * scale));
    drawing.setAttribute("height", String(height * scale));
    frame.scrollLeft = middle * scale - frame.clientWidth / 2;
  };
  const buttons = figure.querySelector("[data-zoom-buttons]");
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    const action = event.target.closest("button")?.value;
    if (action === "in") show(scale * 1.25);
    if (action === "out") show(scale / 1.25);
    if (action === "fit") show(Math.min(1, frame.clientWidth / width));
  });
  if (frame.clientWidth < 600) show(0.7);
  const focus = drawing.querySelector("[data-focus]");
  if (focus) {
    const box = focus.getBoundingClientRect();
    const area = frame.getBoundingClientRect();
    frame.scrollLeft += box.left - area.left - (area.width - box.width) / 2;
    frame.scrollTop += box.top - area.top - (area.height - box.height) / 2;
  }
}

// A file is read into the text of the form, which is what is sent.
for (const form of document.querySelectorAll("[data-file-form]")) {
  const file = form.querySelector("input[type=file]");
  for (const part of form.querySelectorAll(".from-file")) part.hidden = false;
  file.addEventListener("change", async () => {
    if (file.files[0]) form.querySelector("textarea").value = await file.files[0].text();
  });
}

// What has to be kept until a later page: the sealed bid that a bank will have to show.
try {
  for (const kept of document.querySelectorAll("[data-keep]")) {
    localStorage.setItem(kept.dataset.keep, kept.value);
  }
  for (const field of document.querySelectorAll("[data-kept]")) {
    field.value ||= localStorage.getItem(field.dataset.kept) ?? "";
  }
} catch {
  // The browser keeps nothing: the person has to.
}

// A slider beside a field for an amount: the field is what is sent.
for (const pair of document.querySelectorAll("[data-slide]")) {
  const [field, slider] = pair.querySelectorAll("input");
  const decimals = (slider.max.split(".")[1] ?? "").length;
  slider.hidden = false;
  slider.addEventListener("input", () => {
    field.value = Number(slider.value).toFixed(decimals);
  });
  field.addEventListener("input", () => {
    const value = Number(field.value.replaceAll(",", ""));
    if (!Number.isNaN(value)) slider.value = String(value);
  });
}

// A proof is looked at as far as a browser can: that it is of this network and has every record. The votes
// in it are checked by `qiao verify`.
for (const card of document.querySelectorAll("[data-verify]")) {
  const button = card.querySelector("[data-verify-button]");
  const verdict = card.querySelector("[data-verdict]");
  const tell = (text, tone) => {
    verdict.hidden = false;
    verdict.className = `verdict ${tone}`;
    verdict.textContent = text;
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    tell("Fetching the proof…", "");
    try {
      const answer = await fetch(card.dataset.verify);
      if (!answer.ok) throw new Error(`the node answered ${answer.status}`);
      const proof = await answer.json();
      const slots = proof.claim.storage ?? [];
      const present = slots.filter((slot) => BigInt(slot.value) > 0n).length;
      const headers = proof.headers.length;
      if (proof.network.genesis !== card.dataset.genesis) {
        tell("The proof is of another network.", "alarm");
      } else if (present < slots.length || slots.length === 0) {
        tell(`Only ${present} of ${slots.length} records are in the proof.`, "alarm");
      } else {
        tell(
          `The proof has all ${present} records, ${headers} block header${headers === 1 ? "" : "s"} and the ` +
          "validators’ votes. A browser cannot check the votes: download the proof and run qiao verify.",
          "good",
        );
      }
    } catch (error) {
      tell(`No proof: ${error.message}.`, "alarm");
    }
  });
}
