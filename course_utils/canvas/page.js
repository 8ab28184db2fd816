const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const state = { ...{{state}}, _strokes: bytes(""), _weights: bytes("{{weights}}") };
const model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; },
  save_changes() {}, send() {}, on() {}, off() {},
};
const pad = widget();
pad.initialize({ model });
pad.render({ model, el: document.getElementById("pad") });
