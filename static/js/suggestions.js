/**
 * Suggestions while typing: an ARIA combobox, « list autocomplete with manual selection ».
 * Nothing is chosen unless the visitor does: Enter without an option sends the form as written.
 * Without this script the field is a plain field.
 *
 * <input data-suggestions="address of the suggestions" [data-suggestions-field="lieu"]>
 */

const LEAST = 3;
const PAUSE = 150;
const answers = new Map();
let number = 0;

function element(name, properties = {}, attributes = {}) {
  const made = Object.assign(document.createElement(name), properties);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The search of the form with « changes » instead of its own values. */
function searchAddress(form, changes) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value !== "" && !(name in changes)) query.append(name, value);
  }
  for (const [name, values] of Object.entries(changes)) {
    for (const value of values) query.append(name, value);
  }
  return `${form.getAttribute("action")}?${query}`;
}

class Combobox {
  constructor(input) {
    this.input = input;
    this.options = [];
    this.active = -1;
    this.asked = 0;
    this.id = `suggestions-${(number += 1)}`;
    this.list = element("div", { id: this.id, className: "carrefour-suggestions", hidden: true }, {
      role: "listbox",
      "aria-label": this.isPlace ? "Lieux proposés" : "Suggestions",
    });
    this.status = element("p", { className: "fr-sr-only" }, { role: "status" });
    input.parentElement.classList.add("carrefour-suggested");
    input.after(this.list, this.status);
    for (const [name, value] of Object.entries({
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.id,
    })) input.setAttribute(name, value);
    this.listen();
  }

  listen() {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // The field keeps the focus: only the keyboard and a choice close the list.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.choose(this.options.find((each) => each.node === option));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  get isPlace() {
    return this.input.dataset.suggestionsField === "lieu";
  }

  typed() {
    clearTimeout(this.waiting);
    // A place that is no longer written is no longer asked.
    if (this.isPlace) this.forget();
    this.waiting = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const text = this.input.value.trim();
    this.asked += 1;
    const mine = this.asked;
    const isCode = this.isPlace && /^\d/.test(text) && text.length > 1;
    if (text.length < LEAST && !isCode) return this.close();
    const answer = await this.answer(text);
    if (mine === this.asked && document.activeElement === this.input) this.show(answer);
  }

  async answer(text) {
    const query = new URLSearchParams({ q: text.slice(0, 80) });
    if (this.isPlace) query.set("champ", "lieu");
    const address = `${this.input.dataset.suggestions}?${query}`;
    if (!answers.has(address)) {
      try {
        const response = await fetch(address);
        // Refused or broken: the field stays a plain field.
        if (!response.ok) return { groups: [] };
        answers.set(address, await response.json());
      } catch {
        return { groups: [] };
      }
    }
    return answers.get(address);
  }

  show(answer) {
    this.options = [];
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...answer.groups.map((group) => this.group(group)));
    this.list.hidden = this.options.length === 0;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.status.textContent = answer.status ?? "";
  }

  group(group) {
    const title = element("p", { id: `${this.id}-${group.kind}`, textContent: group.label }, {
      role: "presentation",
    });
    const box = element("div", {}, { role: "group", "aria-labelledby": title.id });
    box.append(title, ...group.options.map((option) => this.option(option)));
    return box;
  }

  option(option) {
    const id = `${this.id}-option-${this.options.length}`;
    const node = element("div", { id }, { role: "option", "aria-selected": "false" });
    const label = element("span", { className: "carrefour-suggestions__label" });
    for (const part of option.parts) {
      label.append(part.is_match ? element("mark", { textContent: part.text }) : part.text);
    }
    node.append(label);
    if (option.detail) {
      node.append(" ", element("span", { className: "carrefour-mention", textContent: option.detail }));
    }
    this.options.push({ ...option, node });
    return node;
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const acts = {
      ArrowDown: () => (this.isOpen ? this.move(this.active + 1) : this.ask()),
      ArrowUp: () => this.isOpen && this.move(this.active < 0 ? this.options.length - 1 : this.active - 1),
      Enter: () => this.isOpen && this.active >= 0 && this.choose(this.options[this.active]),
      Escape: () => this.isOpen && this.close(),
    };
    if (event.key in acts) {
      if (acts[event.key]() !== false) event.preventDefault();
      if (event.key === "Enter" && this.active < 0) this.close();
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) {
      // Back to the text, where the key does what it always does.
      this.mark(-1);
    }
  }

  /** Past the last option is the text itself, then the first again. */
  move(to) {
    this.mark(to >= this.options.length ? -1 : to);
  }

  mark(index) {
    this.options[this.active]?.node.setAttribute("aria-selected", "false");
    this.active = index;
    const node = this.options[index]?.node;
    if (!node) return this.input.removeAttribute("aria-activedescendant");
    node.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", node.id);
    node.scrollIntoView({ block: "nearest" });
  }

  close() {
    clearTimeout(this.waiting);
    this.asked += 1;
    this.mark(-1);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.status.textContent = "";
  }

  /** The place asked until now: by its code, or a point. */
  forget() {
    const place = 'input[type="hidden"]:is([name="territoire"], [name="autour"])';
    for (const hidden of this.input.form.querySelectorAll(place)) hidden.remove();
  }

  choose(option) {
    const { form } = this.input;
    this.close();
    if (this.isPlace) {
      this.input.value = option.label;
      this.forget();
      const hidden = element("input", { type: "hidden", name: option.parameter, value: option.value });
      (document.getElementById("recherche-cachee") ?? form).append(hidden);
      this.status.textContent = `Lieu choisi : ${option.label}`;
    } else if (option.parameter === "territoire") {
      location.assign(searchAddress(form, { q: [], lieu: [], autour: [], territoire: [option.value] }));
    } else if (option.parameter) {
      const chosen = new FormData(form).getAll(option.parameter);
      const values = [...new Set([...chosen, option.value])];
      location.assign(searchAddress(form, { q: [], [option.parameter]: values }));
    } else {
      location.assign(option.url);
    }
  }
}

for (const input of document.querySelectorAll("[data-suggestions]")) new Combobox(input);
