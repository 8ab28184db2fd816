// The drawing pad. Ink is always drawn here, in the page; what is drawn is normalised here too,
// and read by a network in the page or by the kernel, which gets one picture at a time.
//
// A Session holds the drawing and its readings, one for a pad; a View shows them, one for every
// place where the pad is displayed. ink/normalize.js and network.js stand before this file.

const MAX_POINTS = 50_000; // about 2,000 strokes; more would not fit on the paper either
const NEAR = 0.75 / SIDE; // points closer than this to the one before change nothing
const BUSY_AFTER = 1_500; // ms without an answer after which the pad says so
const FEW_POINTS = 1_000; // of a drawing that is noted in the tab's memory at once
const KEEP_EVERY = 200; // ms between two notes of a larger one
const ASK_AGAIN = 10_000; // ms after which a message is taken for lost
const DIGITS = [..."0123456789"];

// Strokes as bytes: float32 x, y for each point, and a pair of NaN after each stroke.
export function encodeStrokes(strokes) {
  const n_points = strokes.reduce((sum, stroke) => sum + stroke.length + 1, 0);
  const numbers = new Float32Array(2 * n_points).fill(NaN);
  let place = 0;
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      numbers[place++] = x;
      numbers[place++] = y;
    }
    place += 2;
  }
  return new Uint8Array(numbers.buffer);
}

export function decodeStrokes(bytes) {
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const strokes = [];
  let stroke = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    if (Number.isNaN(numbers[i])) {
      strokes.push(stroke);
      stroke = [];
    } else {
      stroke.push([numbers[i], numbers[i + 1]]);
    }
  }
  return strokes;
}

// The ink of one drawing, as strokes and as pixels.
export class Drawing {
  constructor(brush = BRUSH) {
    this.brush = brush;
    this.set([]);
  }

  set(strokes) {
    this.strokes = strokes;
    this.open = false; // whether the last stroke is still being drawn
    this.n_points = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
    this.ink = rasterize(strokes, { brush: this.brush });
  }

  setBrush(brush) {
    this.brush = brush;
    this.set(this.strokes);
  }

  get full() {
    return this.n_points >= MAX_POINTS;
  }

  start(point) {
    if (this.full) return false;
    this.strokes.push([]);
    this.open = true;
    return this.extend(point);
  }

  // Add a point to the open stroke, or to a new one where that was cleared or undone meanwhile;
  // false where it lies too near to matter, or the pad is full.
  extend([x, y]) {
    if (!this.open) return this.start([x, y]);
    const stroke = this.strokes.at(-1);
    const last = stroke.at(-1);
    if (this.full || (last && Math.hypot(x - last[0], y - last[1]) < NEAR)) return false;
    stroke.push([Math.fround(x), Math.fround(y)]);
    this.n_points += 1;
    drawPoint(this.ink, stroke, stroke.length - 1, this.brush);
    return true;
  }

  // Take the last stroke back, or a clearing.
  undo() {
    const back = this.strokes.length ? this.strokes.slice(0, -1) : this.cleared ?? [];
    this.cleared = null;
    this.set(back);
  }

  clear() {
    if (this.strokes.length) this.cleared = this.strokes;
    this.set([]);
  }
}

// Asks the kernel, one picture at a time: while an answer is awaited, only the newest is kept.
export class KernelReader {
  constructor(send, now = () => performance.now()) {
    Object.assign(this, { send, now });
    this.id = 0;
    this.next = this.waiting = null;
    this.onBusy = () => {};
  }

  // Whether somebody has been waiting for an answer for long.
  get busy() {
    return Boolean(this.late && (this.next || !this.forgotten));
  }

  ask(picture) {
    this.next = picture;
    if (this.waiting && this.now() - this.waiting.since < ASK_AGAIN) return;
    if (this.waiting) clearTimeout(this.waiting.timer);
    this.forgotten = false;
    this.id += 1;
    const timer = setTimeout(() => {
      this.late = true;
      this.onBusy();
    }, BUSY_AFTER);
    this.waiting = { id: this.id, since: this.now(), timer };
    this.next = null;
    this.send({ kind: "read", id: this.id }, picture);
  }

  // Take note of an answer, ask for what was drawn meanwhile; false where the answer is too old.
  hear(id) {
    if (!this.waiting || id !== this.waiting.id) return false;
    const wanted = !this.forgotten;
    clearTimeout(this.waiting.timer);
    this.waiting = null;
    this.forgotten = this.late = false;
    if (this.next) this.ask(this.next);
    return wanted;
  }

  // The drawing is gone: nobody wants the answer that is under way.
  forget() {
    this.next = null;
    this.forgotten = this.waiting !== null;
  }

  stop() {
    if (this.waiting) clearTimeout(this.waiting.timer);
    this.next = this.waiting = null;
    this.late = false;
  }
}

class Session {
  constructor(model) {
    this.model = model;
    this.views = new Set();
    this.drawing = new Drawing(model.get("brush"));
    this.readings = null; // [{ name, probs } or { name, error }], null for an empty pad
    this.picture = new Uint8Array(784);
    this.refused = ""; // what the kernel refused since the last stroke
    this.connected = true;
    this.names = model.get("_names");
    const here = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname); // see HURRY
    this.kernel = new KernelReader((content, picture) =>
      model.send({ ...content, here }, undefined, [picture.buffer]));
    this.kernel.onBusy = () => this.tell("showStatus");
    this.loadNetworks();
    this.listeners = {
      "change:_strokes": () => this.load(),
      "change:brush": () => this.setBrush(model.get("brush")),
      "change:_n_labelled": () => this.tell("labelled"),
      "change:_n_unsaved": () => this.tell("labelled"),
      "change:_weights": () => (this.loadNetworks(), this.changed()),
      "msg:custom": (message) => this.hear(message),
      comm_live_update: () => this.disconnected(),
    };
    for (const [name, act] of Object.entries(this.listeners)) model.on(name, act);
    this.load() || this.restore();
    this.restored = true;
  }

  loadNetworks() {
    const layers = this.model.get("_layers");
    const weights = this.model.get("_weights");
    this.networks = this.model.get("_in_page")
      ? this.names.map((name) => [name, unpack(layers[name], weights.buffer, weights.byteOffset)])
      : null;
  }

  tell(what, ...details) {
    for (const view of this.views) view[what](...details);
  }

  get status() {
    if (!this.connected && !this.networks) {
      return "Not connected to a kernel: run the cell above again. Your ink is kept.";
    }
    if (this.refused) return this.refused;
    if (this.drawing.full) return "The pad is full. Clear it to go on.";
    return this.kernel.busy
      ? "The kernel is busy. Your ink is kept; the answer comes when the kernel is free."
      : "";
  }

  refuse(reason) {
    this.refused = reason;
    this.tell("showStatus");
  }

  // ---- drawing

  start(point) {
    this.refused = "";
    if (this.drawing.start(point)) this.inked();
    this.tell("showStatus");
  }

  extend(point) {
    if (this.drawing.extend(point)) this.inked();
  }

  inked() {
    this.tell("drawInk", this.drawing.strokes.at(-1));
    this.changed();
  }

  end() {
    this.save();
    this.strokeEnded = true;
    this.changed(); // the last answer may have come before the pen was lifted
  }

  undo() {
    this.refused = "";
    this.drawing.undo();
    this.redrawn();
  }

  clear() {
    this.refused = "";
    this.drawing.clear();
    this.redrawn();
  }

  setBrush(brush) {
    if (brush === this.drawing.brush) return;
    this.drawing.setBrush(brush);
    this.model.set("brush", brush);
    this.redrawn();
  }

  redrawn() {
    this.tell("repaint");
    this.save();
    this.strokeEnded = true;
    this.changed();
  }

  // ---- keeping

  save() {
    this.saved = encodeStrokes(this.drawing.strokes);
    this.model.set("_strokes", new DataView(this.saved.buffer));
    this.model.save_changes();
    this.keep();
  }

  // Take over what Python drew; true where there is something.
  load() {
    const given = this.model.get("_strokes");
    if (given.buffer === this.saved?.buffer) return true;
    this.drawing.set(decodeStrokes(given));
    this.tell("repaint");
    this.strokeEnded = true;
    this.changed();
    this.keep();
    return this.drawing.strokes.length > 0;
  }

  // The tab remembers the drawing of each cell, for when the cell or its kernel starts again.
  keep() {
    if (this.drawing.n_points < FEW_POINTS) this.keepNow();
    else this.keeping ??= setTimeout(() => this.keepNow(), KEEP_EVERY);
  }

  keepNow() {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    const key = this.model.get("_cell");
    if (!key) return;
    try {
      const text = JSON.stringify(this.drawing.strokes);
      if (this.drawing.strokes.length) sessionStorage.setItem(key, text);
      else if (this.restored) sessionStorage.removeItem(key);
    } catch {
      // no storage here, or none left: the drawing lives in the page and the kernel only
    }
  }

  restore() {
    const key = this.model.get("_cell");
    let strokes = [];
    try {
      strokes = key ? JSON.parse(sessionStorage.getItem(key) ?? "[]") : [];
    } catch {
      // as above
    }
    if (!strokes.length) return;
    this.drawing.set(strokes);
    this.redrawn();
  }

  // ---- reading

  // Read what is drawn, once a frame, after the ink is on the screen.
  changed() {
    if (this.planned) return;
    this.planned = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.planned = false;
        this.read();
      }),
    );
  }

  read() {
    this.picture = normalizeDrawing(this.drawing.ink, SIDE, SIDE);
    if (!this.picture.some(Boolean)) {
      this.kernel.forget();
      this.show(null);
    } else if (this.networks) {
      this.show(this.networks.map(([name, layers]) => this.readingOf(name, softmax(forward(layers, this.picture)))));
    } else {
      this.tell("showPicture");
      if (this.connected) this.kernel.ask(this.picture);
      this.tell("showStatus");
    }
  }

  readingOf(name, probs) {
    const whole = probs.every(Number.isFinite);
    return whole ? { name, probs } : { name, error: "The model gave nan or infinity; did its training diverge?" };
  }

  hear(message) {
    const wanted = this.kernel.hear(message?.id);
    if (message?.kind === "refused") this.refused = String(message.error);
    if (wanted && Array.isArray(message.readings)) this.show(message.readings);
    else this.tell("showStatus");
  }

  show(readings) {
    this.readings = readings;
    this.tell("showPicture");
    this.tell("showReadings");
    this.tell("showStatus");
    const last = !this.planned && !(readings && this.kernel.waiting);
    if (!this.strokeEnded || !last) return;
    this.strokeEnded = false;
    this.tell("speak");
  }

  disconnected() {
    this.connected = false;
    this.kernel.stop();
    if (this.networks) return;
    this.readings = null;
    this.tell("showReadings");
    this.tell("showStatus");
  }

  // The picture goes with its label: strokes may still wait for a busy kernel.
  label(digit) {
    const picture = normalizeDrawing(this.drawing.ink, SIDE, SIDE);
    if (!this.connected) return;
    if (!picture.some(Boolean)) return this.refuse("The pad is empty: draw a digit first, then label it.");
    this.model.send({ kind: "label", digit }, undefined, [picture.buffer]);
    this.clear();
  }

  close() {
    this.kernel.stop();
    if (this.keeping) this.keepNow();
    for (const [name, act] of Object.entries(this.listeners)) this.model.off(name, act);
  }
}

// ---- what is seen

function make(tag, className, attributes = {}, children = []) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const percent = (share) => `${Math.round(100 * share)}%`;
const best = (probs) => probs.indexOf(Math.max(...probs));

// Paint bytes, 255 for ink, in the colours of ink and paper.
function paintPicture(canvas, picture, width = 28, height = 28) {
  canvas.width = width;
  canvas.height = height;
  const [red, green, blue] = getComputedStyle(canvas).color.match(/\d+/g)?.map(Number) ?? [0, 0, 0];
  const image = new ImageData(width, height);
  picture.forEach((value, i) => image.data.set([red, green, blue, value], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// One model's answer: its name, the digit it reads, ten bars with numbers.
class Reading {
  constructor(name) {
    this.name = name;
    this.digit = make("span", "pad-digit");
    this.bars = DIGITS.map((digit) => {
      const bar = make("i", "pad-bar");
      const share = make("b", "pad-share");
      const column = make("span", "pad-column", {}, [share, make("span", "pad-rail", {}, [bar]), make("span", "pad-tick", {}, [digit])]);
      return { bar, share, column };
    });
    this.fault = make("span", "pad-fault");
    this.strip = make("div", "pad-strip", { role: "img" }, this.bars.map(({ column }) => column));
    this.element = make("div", "pad-reading", {}, [
      make("span", "pad-name", {}, [name]), this.digit, this.strip, this.fault,
    ]);
  }

  show({ probs, error } = {}) {
    const winner = probs ? best(probs) : -1;
    this.digit.textContent = probs ? winner : "";
    this.fault.textContent = error ?? "";
    this.strip.hidden = Boolean(error);
    this.bars.forEach(({ bar, share, column }, digit) => {
      const value = probs?.[digit] ?? 0;
      bar.style.height = `${100 * value}%`;
      share.textContent = probs ? percent(value) : "";
      column.classList.toggle("pad-best", digit === winner);
    });
    this.strip.setAttribute("aria-label", this.words({ probs, error }));
  }

  words({ probs, error } = {}) {
    if (error) return `${this.name}: ${error}`;
    if (!probs) return `${this.name}: nothing read yet`;
    const order = DIGITS.map((_, digit) => digit).sort((a, b) => probs[b] - probs[a]);
    const say = (digit) => `${digit} with ${percent(probs[digit])}`;
    return `${this.name} reads ${say(order[0])}, then ${say(order[1])}`;
  }
}

const HELP =
  "Draw with mouse, pen or finger. By keyboard: arrow keys move, Shift with them in small steps, " +
  "Space puts the pen down and lifts it, U takes the last stroke back, C clears.";

const XRAY = [
  ["Ink", "the whole pad"],
  ["Crop", "the ink's own box"],
  ["Scale", "to fit 20\u00a0×\u00a020"],
  ["Centre", "mass at pixel 14, 14: what the model sees"],
];

const forNotebook = (event) =>
  event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");

class View {
  constructor(session, element) {
    Object.assign(this, { session, element });
    this.build();
    this.cursor = [0.5, 0.5];
    this.listen();
    session.views.add(this);
    this.themed();
    this.showReadings();
    this.showStatus();
    this.labelled();
  }

  build() {
    const { model } = this.session;
    const help = `pad-help-${Math.random().toString(36).slice(2)}`;
    this.canvas = make("canvas", "pad-paper", {
      tabindex: 0, role: "application", "aria-label": "drawing pad", "aria-describedby": help,
    });
    this.pen = make("span", "pad-pen", { hidden: "" });
    this.hint = make("span", "pad-hint", { "aria-hidden": true }, ["draw a digit here"]);
    const button = (text, title, act) => {
      const made = make("button", "pad-button", { type: "button", title }, [text]);
      made.addEventListener("click", act);
      return made;
    };
    const session = this.session;
    this.brush = make("input", "pad-brush", { type: "range", min: 6, max: 50, step: 2 });
    this.xrayButton = button("X-ray", "show how the ink becomes what the model sees", () => this.toggleXray());
    this.xrayButton.setAttribute("aria-pressed", "false");
    const tools = make("div", "pad-tools", {}, [
      button("Undo", "take the last stroke back (U)", () => session.undo()),
      button("Clear", "wipe the pad (C)", () => session.clear()),
      this.xrayButton,
      make("label", "pad-brush-label", {}, ["Brush", this.brush]),
    ]);
    this.readings = session.names.map((name) => new Reading(name));
    this.status = make("div", "pad-status", { role: "status" });
    this.spoken = make("div", "pad-spoken", { role: "status" });
    this.steps = XRAY.map(([name, what]) => make("canvas", "pad-step", { role: "img", "aria-label": `${name}: ${what}` }));
    const figures = XRAY.map(([name, what], i) => make("figure", "", {}, [
      this.steps[i],
      make("figcaption", "", {}, [make("b", "", {}, [`${i + 1} ${name}`]), ` ${what}`]),
    ]));
    figures.at(-1).append(make("figcaption", "pad-plain", {}, ["what the model sees, 28 × 28"]));
    this.count = make("span", "pad-count", { role: "status" });
    const labels = make("div", "pad-labels", {}, [
      "This is a", ...DIGITS.map((d) => button(d, `label the drawing ${d} and clear`, () => session.label(+d))),
      this.count,
    ]);
    this.root = make("div", "pad", {}, [
      make("div", "pad-left", {}, [
        make("div", "pad-sheet", {}, [this.canvas, this.hint, this.pen]), tools,
        ...(model.get("_collect") ? [labels] : []),
        make("div", "pad-spoken", { id: help }, [HELP]),
      ]),
      make("div", "pad-right", {}, [
        make("div", "pad-top", {}, [
          ...figures,
        ]),
        this.status,
        make("div", "pad-readings", {}, this.readings.map((reading) => reading.element)),
      ]),
      this.spoken,
    ]);
    this.root.dataset.models = session.names.length;
    this.element.append(this.root);
  }

  listen() {
    const { canvas, session } = this;
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    this.pointer = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (this.pointer !== null || event.button !== 0) return;
      event.preventDefault();
      this.resize(); // the window may have moved to another screen
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      this.liftPen();
      this.pointer = event.pointerId;
      session.start(point(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      const between = event.getCoalescedEvents?.() ?? [];
      for (const each of between.length ? between : [event]) session.extend(point(each));
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(name, (event) => {
        if (event.pointerId !== this.pointer) return;
        this.pointer = null;
        session.end();
      });
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
    // letters and arrows are no commands to the notebook; Shift+Enter and Ctrl+S still are
    this.root.addEventListener("keydown", (event) => {
      if (!forNotebook(event)) event.stopPropagation();
    });
    canvas.addEventListener("blur", () => this.liftPen());
    this.brush.addEventListener("input", () => session.setBrush(+this.brush.value));
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(canvas);
    this.themed = () => (this.repaint(), this.showPicture());
    this.theme = new MutationObserver(this.themed);
    this.theme.observe(document.body, { attributes: true });
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", this.themed);
  }

  close() {
    if (this.pointer !== null || this.penDown) this.session.end();
    this.session.views.delete(this);
    this.sizes.disconnect();
    this.theme.disconnect();
    this.dark.removeEventListener("change", this.themed);
    this.root.remove();
  }

  // ---- keyboard

  key(event) {
    const step = event.shiftKey ? 1 / 112 : 1 / 28;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const acts = {
      " ": () => (this.penDown ? this.liftPen() : this.putPen()),
      Enter: () => (this.penDown ? this.liftPen() : this.putPen()),
      Escape: () => this.liftPen(),
      u: () => this.session.undo(),
      c: () => this.session.clear(),
    };
    const act = moves[event.key] ? () => this.movePen(moves[event.key]) : acts[event.key.toLowerCase()] ?? acts[event.key];
    const undo = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (!undo && (!act || forNotebook(event))) return;
    event.preventDefault();
    event.stopPropagation();
    undo ? this.session.undo() : act();
  }

  movePen(by) {
    this.cursor = this.cursor.map((at, i) => Math.min(1, Math.max(0, at + by[i])));
    if (this.penDown) this.session.extend(this.cursor);
    this.showPen();
  }

  putPen() {
    this.penDown = true;
    this.session.start(this.cursor);
    this.showPen();
  }

  liftPen() {
    if (this.penDown) this.session.end();
    this.penDown = false;
    this.pen.hidden = true;
  }

  showPen() {
    this.pen.hidden = false;
    this.pen.classList.toggle("pad-pen-down", Boolean(this.penDown));
    [this.pen.style.left, this.pen.style.top] = this.cursor.map((at) => `${100 * at}%`);
  }

  // ---- painting

  resize() {
    const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1));
    if (!side || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side;
    this.themed();
  }

  repaint() {
    const { drawing } = this.session;
    this.brush.value = drawing.brush;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.strokeStyle = context.fillStyle = getComputedStyle(this.canvas).color;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = (drawing.brush / SIDE) * this.canvas.width;
    for (const stroke of drawing.strokes) this.paint(stroke, 0);
    this.hint.hidden = drawing.strokes.length > 0;
  }

  drawInk(stroke) {
    this.hint.hidden = true;
    this.paint(stroke, Math.max(0, stroke.length - 2));
  }

  paint(stroke, from) {
    const context = this.canvas.getContext("2d");
    const points = stroke.slice(from).map((point) => point.map((at) => at * this.canvas.width));
    if (!points.length) return;
    context.beginPath();
    context.moveTo(...points[0]);
    for (const point of points) context.lineTo(...point);
    context.stroke();
  }

  showPicture() {
    paintPicture(this.steps[3], this.session.picture);
    if (this.xray) this.paintXray();
  }

  showReadings() {
    const { readings } = this.session;
    this.readings.forEach((reading, i) => reading.show(readings?.[i] ?? {}));
  }

  showStatus() {
    const { status } = this.session;
    if (this.status.textContent !== status) this.status.textContent = status;
    this.root.classList.toggle("pad-cut-off", !this.session.connected && !this.session.networks);
  }

  speak() {
    const { readings, status } = this.session;
    this.spoken.textContent = readings
      ? this.readings.map((reading, i) => reading.words(readings[i])).join(". ")
      : status ? "" : "The pad is empty.";
  }

  labelled() {
    const [n, unsaved] = ["_n_labelled", "_n_unsaved"].map((name) => this.session.model.get(name));
    const saved = unsaved ? `${unsaved === n ? "" : `${unsaved} `}not saved yet` : "saved";
    this.count.textContent = n ? `${n} labelled, ${saved}` : "";
  }

  toggleXray() {
    this.xray = !this.xray;
    this.xrayButton.setAttribute("aria-pressed", String(this.xray));
    this.root.classList.toggle("pad-xray", this.xray);
    if (this.xray) this.paintXray();
  }

  paintXray() {
    const { ink } = this.session.drawing;
    const box = inkBox(ink, SIDE, SIDE);
    const [whole, crop, scaled] = this.steps;
    paintPicture(whole, ink, SIDE, SIDE);
    const { left, top, right, bottom } = box ?? { left: 0, top: 0, right: SIDE, bottom: SIDE };
    const [width, height] = [right - left, bottom - top];
    const cut = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      cut.set(ink.subarray((top + y) * SIDE + left, (top + y) * SIDE + right), y * width);
    }
    paintPicture(crop, cut, width, height);
    paintPicture(scaled, normalizeDrawing(ink, SIDE, SIDE, { center: false }));
    if (!box) return;
    const frame = whole.getContext("2d");
    frame.strokeStyle = "#e69f00";
    frame.lineWidth = 6;
    frame.strokeRect(left, top, width, height);
  }
}

export default () => {
  let session;
  return {
    initialize({ model }) {
      session = new Session(model);
      return () => session.close();
    },
    render({ el }) {
      const view = new View(session, el);
      return () => view.close();
    },
  };
};
