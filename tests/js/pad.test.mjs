// The pad's JavaScript without a browser: `node --test`, called by tests/test_canvas_twin.py, which
// says in PAD where the module lies that the page gets, and in CASES what Python computed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const pad = await import(process.env.PAD);
const folder = process.env.CASES;
const json = (name) => JSON.parse(readFileSync(`${folder}/${name}`));
const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const farthest = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

test("the shared drawings give the shared pictures", () => {
  const drawings = json("drawings.json");
  assert.ok(drawings.length >= 10);
  for (const { name, strokes, brush, options, picture } of drawings) {
    const ink = pad.rasterize(strokes, { brush });
    const seen = pad.normalizeDrawing(ink, pad.SIDE, pad.SIDE, options);
    assert.ok(farthest(seen, bytes(picture)) <= 2, `${name} differs`);
  }
});

test("real digits, moved, scaled and thickened, give Python's pictures", () => {
  const { shapes } = json("digits.json");
  const inks = new Uint8Array(readFileSync(`${folder}/digits.ink`));
  const wanted = new Uint8Array(readFileSync(`${folder}/digits.pictures`));
  assert.equal(shapes.length, 1000);
  let place = 0;
  shapes.forEach(([height, width], i) => {
    const seen = pad.normalizeDrawing(inks.subarray(place, place + height * width), width, height);
    place += height * width;
    const apart = farthest(seen, wanted.subarray(784 * i, 784 * (i + 1)));
    assert.ok(apart <= 2, `digit ${i} differs by ${apart}`);
  });
  assert.equal(place, inks.length);
});

test("networks give PyTorch's logits", () => {
  const { layers, logits, n } = json("networks.json");
  const weights = new Uint8Array(readFileSync(`${folder}/networks.weights`)).slice();
  const pictures = new Uint8Array(readFileSync(`${folder}/networks.pictures`));
  assert.ok(Object.keys(layers).length >= 8);
  for (const [name, packed] of Object.entries(layers)) {
    const network = pad.unpack(packed, weights.buffer, weights.byteOffset);
    for (let i = 0; i < n; i++) {
      const given = pad.forward(network, pictures.subarray(784 * i, 784 * (i + 1)));
      const apart = farthest(given, logits[name][i]);
      assert.ok(apart < 1e-4, `${name}, picture ${i}: ${apart}`);
    }
  }
});

test("softmax copes with large scores", () => {
  assert.deepEqual(pad.softmax([1000, 0, -10000]), [1, 0, 0]);
});

test("strokes survive as bytes, and Python reads the same", () => {
  const strokes = json("strokes.json");
  const coded = pad.encodeStrokes(strokes);
  assert.deepEqual([...coded], [...readFileSync(`${folder}/strokes.bytes`)]);
  const back = pad.decodeStrokes(coded);
  assert.deepEqual(back.map((s) => s.length), strokes.map((s) => s.length));
  assert.ok(farthest(back.flat(2), strokes.flat(2)) < 1e-6);
});

test("ink that grows point by point is the ink of the whole stroke", () => {
  const drawing = new pad.Drawing();
  drawing.start([0.2, 0.3]);
  for (let i = 1; i < 40; i++) drawing.extend([0.2 + 0.015 * i, 0.3 + 0.2 * Math.sin(i / 6)]);
  assert.deepEqual(drawing.ink, pad.rasterize(drawing.strokes));
});

test("points that lie on the one before are left out", () => {
  const drawing = new pad.Drawing();
  drawing.start([0.5, 0.5]);
  assert.equal(drawing.extend([0.5005, 0.5]), false);
  assert.equal(drawing.n_points, 1);
});

test("undo takes the last stroke, and brings a clearing back", () => {
  const drawing = new pad.Drawing();
  drawing.start([0.1, 0.1]);
  drawing.start([0.9, 0.9]);
  drawing.undo();
  assert.equal(drawing.strokes.length, 1);
  drawing.clear();
  assert.ok(!drawing.ink.some(Boolean));
  drawing.undo();
  assert.equal(drawing.strokes.length, 1);
  assert.ok(drawing.ink.some(Boolean));
  drawing.undo();
  drawing.undo();
  assert.deepEqual(drawing.strokes, []);
});

test("a full pad takes no more points", () => {
  const drawing = new pad.Drawing(1);
  drawing.start([0, 0]);
  for (let i = 0; i < 60_000; i++) drawing.extend([(i % 2) * 0.01, 0]);
  assert.ok(drawing.full);
  assert.equal(drawing.n_points, 50_000);
});

function reader() {
  const sent = [];
  const clock = { time: 0 };
  const kernel = new pad.KernelReader((content, picture) => sent.push([content.id, picture]), () => clock.time);
  return { sent, clock, kernel };
}

test("one picture is under way at a time, and the newest follows", () => {
  const { sent, kernel } = reader();
  for (const picture of ["a", "b", "c"]) kernel.ask(picture);
  assert.deepEqual(sent, [[1, "a"]]);
  assert.equal(kernel.hear(1), true);
  assert.deepEqual(sent, [[1, "a"], [2, "c"]]);
  kernel.stop();
});

test("answers that nobody waits for are told apart", () => {
  const { sent, kernel } = reader();
  kernel.ask("a");
  assert.equal(kernel.hear(7), false);
  kernel.forget();
  kernel.ask("b");
  assert.equal(kernel.hear(1), false, "the drawing was cleared after this was asked");
  assert.equal(kernel.hear(2), true);
  assert.deepEqual(sent.map(([, picture]) => picture), ["a", "b"]);
  kernel.stop();
});

test("a lost message is asked again, but not soon", () => {
  const { sent, clock, kernel } = reader();
  for (const time of [0, 1000, 9000]) {
    clock.time = time;
    kernel.ask(time);
  }
  assert.equal(sent.length, 1);
  clock.time = 10_001;
  kernel.ask("again");
  assert.equal(sent.length, 2);
  assert.equal(kernel.hear(1), false);
  assert.equal(kernel.hear(2), true);
  kernel.stop();
});
