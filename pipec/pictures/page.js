"use strict";
(() => {
  const tasks = new Map(Object.entries(JSON.parse(document.getElementById("data").textContent)));
  const stage = document.getElementById("stage");
  const graph = stage.querySelector("svg");
  const main = document.querySelector("main");
  const card = document.getElementById("facts");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const marks = [...document.querySelectorAll("[data-task]")];
  const lines = [...graph.querySelectorAll("[data-from]")];

  // --- what stands before and behind what

  const downstream = new Map([...tasks.keys()].map((id) => [id, []]));
  for (const [id, task] of tasks) for (const parent of task.upstream) downstream.get(parent)?.push(id);

  function reached(id, next) {
    const seen = new Set();
    const waiting = [id];
    while (waiting.length) for (const other of next(waiting.pop())) if (!seen.has(other)) { seen.add(other); waiting.push(other); }
    return seen;
  }

  // --- marking: some tasks stand out, the others step back

  const nodeOf = new Map();
  for (const mark of graph.querySelectorAll("[data-task]")) nodeOf.set(mark.dataset.task, mark.dataset.node);

  function show(ids) {
    main.classList.toggle("dimmed", ids !== null);
    const nodes = new Set([...(ids ?? [])].map((id) => nodeOf.get(id)));
    for (const mark of marks) mark.classList.toggle("on", ids !== null && ids.has(mark.dataset.task));
    for (const node of graph.querySelectorAll(".node")) node.classList.toggle("on", ids !== null && nodes.has(node.dataset.node));
    for (const line of lines) line.classList.toggle("on", ids !== null && nodes.has(line.dataset.from) && nodes.has(line.dataset.to));
  }

  function related(id) {
    return new Set([id, ...reached(id, (other) => tasks.get(other)?.upstream ?? []), ...reached(id, (other) => downstream.get(other) ?? [])]);
  }

  // --- what there is to know of a task

  let pinned = null;

  function element(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  function tell(id, x, y) {
    const task = tasks.get(id);
    const list = document.createElement("dl");
    for (const [name, value] of task.rows) list.append(element("dt", name), element("dd", value));
    card.replaceChildren(element("h3", id), ...(task.doc ? [element("p", task.doc)] : []), list);
    card.hidden = false;
    const { width, height } = card.getBoundingClientRect();
    const left = x + 18 + width > innerWidth - 8 ? x - 18 - width : x + 18;
    card.style.left = `${Math.max(8, left)}px`;
    card.style.top = `${Math.max(8, Math.min(y + 14, innerHeight - height - 8))}px`;
  }

  function choose(id) {
    for (const mark of marks) mark.classList.toggle("chosen", id !== null && mark.dataset.task === id);
  }

  function quiet() {
    card.hidden = true;
    choose(null);
    filter();
  }

  function pin(id, x, y) {
    pinned = pinned === id ? null : id;
    card.classList.toggle("pinned", pinned !== null);
    if (pinned === null) return quiet();
    tell(id, x, y);
    choose(id);
    show(related(id));
  }

  for (const mark of marks) {
    const id = mark.dataset.task;
    mark.querySelector(":scope > title")?.remove();
    mark.setAttribute("tabindex", "0");
    mark.setAttribute("role", "button");
    mark.setAttribute("aria-label", [id, ...tasks.get(id).rows.map(([name, value]) => `${name}: ${value}`)].join(", "));
    mark.addEventListener("pointerenter", (event) => {
      if (pinned === null && !moving) { tell(id, event.clientX, event.clientY); choose(id); show(related(id)); }
    });
    mark.addEventListener("pointermove", (event) => { if (pinned === null && !moving) tell(id, event.clientX, event.clientY); });
    mark.addEventListener("pointerleave", () => { if (pinned === null) quiet(); });
    mark.addEventListener("click", (event) => { event.stopPropagation(); if (!dragged) pin(id, event.clientX, event.clientY); });
    mark.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      const box = mark.getBoundingClientRect();
      pin(id, box.right - 14, box.top);
    });
  }
  for (const svg of document.querySelectorAll("svg")) if (svg.querySelector("[data-task]")) svg.setAttribute("role", "group");

  // --- finding

  let matches = [];
  let position = -1;

  function filter() {
    const wanted = search.value.trim().toLowerCase();
    matches = wanted ? [...tasks.keys()].filter((id) => id.toLowerCase().includes(wanted) || tasks.get(id).doc.toLowerCase().includes(wanted)) : [];
    found.textContent = wanted ? `${matches.length} of ${tasks.size}` : "";
    show(wanted ? new Set(matches) : null);
  }

  search.addEventListener("input", () => { position = -1; pinned = null; card.hidden = true; choose(null); filter(); });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !matches.length) return;
    position = (position + 1) % matches.length;
    const mark = marks.find((one) => one.dataset.task === matches[position]);
    choose(matches[position]);
    centre(mark);
  });

  // --- moving and zooming

  const whole = graph.viewBox.baseVal;
  const size = { width: whole.width, height: whole.height };
  const LEGIBLE = .65; // a graph that is wider than the page at this scale begins at its left end
  let view = { x: 0, y: 0, scale: 1 };
  let moving = false;
  let dragged = false;

  function draw() {
    const { clientWidth, clientHeight } = stage;
    graph.setAttribute("viewBox", `${view.x} ${view.y} ${clientWidth / view.scale} ${clientHeight / view.scale}`);
  }

  function whereAll() {
    return Math.min(1, stage.clientWidth / size.width, stage.clientHeight / size.height);
  }

  function look(scale) {
    const free = { x: stage.clientWidth / scale - size.width, y: stage.clientHeight / scale - size.height };
    view = { scale, x: free.x > 0 ? -free.x / 2 : 0, y: free.y > 0 ? -free.y / 2 : 0 };
    draw();
  }

  function zoom(factor, clientX, clientY) {
    const box = stage.getBoundingClientRect();
    const [px, py] = [(clientX ?? box.left + box.width / 2) - box.left, (clientY ?? box.top + box.height / 2) - box.top];
    const scale = Math.max(whereAll() / 2, Math.min(4, view.scale * factor));
    view = { scale, x: view.x + px / view.scale - px / scale, y: view.y + py / view.scale - py / scale };
    draw();
  }

  function centre(mark) {
    const box = mark.getBoundingClientRect();
    const around = stage.getBoundingClientRect();
    const middle = { x: (box.left + box.width / 2 - around.left) / view.scale + view.x, y: (box.top + box.height / 2 - around.top) / view.scale + view.y };
    const scale = Math.max(view.scale, .9);
    view = { scale, x: middle.x - stage.clientWidth / scale / 2, y: middle.y - stage.clientHeight / scale / 2 };
    draw();
  }

  function open() {
    const scale = Math.max(Math.min(1, stage.clientWidth / size.width), LEGIBLE);
    stage.style.height = `${Math.round(Math.max(160, Math.min(size.height * scale, innerHeight * .74)))}px`;
    look(scale);
    const first = graph.querySelector(".node.critical");
    if (!first || size.height * scale <= stage.clientHeight) return;
    const box = first.getBBox();
    view.y = Math.max(0, Math.min(size.height - stage.clientHeight / scale, box.y + box.height / 2 - stage.clientHeight / scale / 2));
    draw();
  }

  graph.removeAttribute("width");
  graph.removeAttribute("height");
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // a page that cannot be scrolled past is a trap
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => { if (event.button === 0) { moving = true; dragged = false; } });
  addEventListener("pointermove", (event) => {
    if (!moving || !event.buttons) return;
    if (!dragged && Math.abs(event.movementX) + Math.abs(event.movementY) < 2) return;
    dragged = true;
    card.hidden = pinned === null;
    stage.classList.add("moving");
    view.x -= event.movementX / view.scale;
    view.y -= event.movementY / view.scale;
    draw();
  });
  addEventListener("pointerup", () => { moving = false; stage.classList.remove("moving"); });
  document.getElementById("in").addEventListener("click", () => zoom(1.3));
  document.getElementById("out").addEventListener("click", () => zoom(1 / 1.3));
  document.getElementById("fit").addEventListener("click", () => look(whereAll()));
  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  addEventListener("resize", open);
  addEventListener("click", () => { if (!dragged && pinned !== null) { pinned = null; card.classList.remove("pinned"); quiet(); } });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape") { search.value = ""; pinned = null; card.classList.remove("pinned"); quiet(); search.blur(); }
  });
  open();
})();
