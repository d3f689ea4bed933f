// Sends a table and shows what would become of it, row by row.

const form = document.querySelector("[data-import]");
const report = document.querySelector("[data-report]");

const line = (text, name = "p") => {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
};

const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

const sealing = document.querySelector("[data-sealing]");
const ticked = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((input) => input.value);

// The header that says what is sealed, and for whom.
function seal() {
  const readers = ticked("reader").join(",");
  const fields = ticked("seal").map((field) => `${field}=${readers}`);
  return fields.length ? { "Qiao-Seal": fields.join("; ") } : {};
}

// The members who have a key for which others seal; this node's own member reads all the same.
sealing?.addEventListener("toggle", async () => {
  const list = sealing.querySelector("[data-readers]");
  if (!sealing.open || list.querySelector("input")) return;
  const members = await (await fetch("/sharing/keys")).json();
  for (const member of members.filter((one) => one.key && String(one.organisation) !== sealing.dataset.sealing)) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = "reader";
    box.value = member.organisation;
    label.append(box, ` ${member.name}`);
    list.append(label);
  }
  if (!list.querySelector("input")) list.append(line("No member has announced a key yet."));
});

async function send(isDry) {
  const [file] = form.elements.file.files;
  if (!file) return;
  report.hidden = false;
  report.replaceChildren(line("Reading…"));
  const query = new URLSearchParams({ dryRun: String(isDry) });
  for (const name of ["mapping", "stage"]) if (form.elements[name].value) query.set(name, form.elements[name].value);
  const post = (accept) => fetch(`/imports?${query}`, {
    method: "POST",
    headers: { "Content-Type": file.type || "application/octet-stream", Accept: accept, ...seal() },
    body: file,
  });
  let told;
  try {
    told = await (await post("application/json")).json();
  } catch (error) {
    report.replaceChildren(line(`The node could not be reached: ${error.message}`));
    return;
  }
  if (told.code) {
    report.replaceChildren(line(told.detail), line(told.hint ?? ""));
    return;
  }
  const parts = [line(
    `${counted(told.rows, "row becomes", "rows become")} ${counted(told.events, "event")}: ${told.new} new, ${told.known} on the chain already` +
    `${told.repeated.length ? `, ${counted(told.repeated.length, "row repeats another", "rows repeat others")}` : ""}.`,
  )];
  const [sealed, others] = [ticked("seal").length, ticked("reader").length];
  if (sealed && !told.problems.length) {
    parts.push(line(`${counted(sealed, "field is", "fields are")} sealed for you and ${counted(others, "other")}.`));
  }
  if (told.problems.length) {
    parts.push(line(`${counted(told.problems.length, "problem")}${told.isCut ? " and more" : ""}; nothing was captured.`));
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const name of ["Row", "Column", "Value", "Problem"]) head.append(line(name, "th"));
    const body = table.createTBody();
    for (const problem of told.problems.slice(0, 50)) {
      const row = body.insertRow();
      for (const value of [problem.line, problem.column, problem.value, problem.rule]) row.insertCell().textContent = value;
    }
    const frame = document.createElement("div");
    frame.className = "scroll";
    frame.append(table);
    parts.push(frame);
    const button = line("Download the rows with their errors", "button");
    button.type = "button";
    button.className = "second";
    button.addEventListener("click", async () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await (await post("text/csv")).blob());
      link.download = `${file.name.replace(/\.[^.]*$/, "")}-errors.csv`;
      link.click();
    });
    parts.push(button);
  } else if (isDry) {
    const button = line(`Capture ${counted(told.new, "event")}`, "button");
    button.type = "button";
    button.className = "primary";
    button.addEventListener("click", () => send(false));
    parts.push(button);
  } else {
    parts.push(line("Captured. The same file again changes nothing."));
  }
  report.replaceChildren(...parts);
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  send(true);
});
