// From strokes to the 28 × 28 picture that a model reads: the twin of normalize.py, which says
// what each step is for. One set of test vectors holds the two together.

export const SIDE = 280;
export const BRUSH = 16;
const PICTURE = 28;
const DIGIT = 20;
const MIDDLE = 14.5;

// Draw one straight piece into `ink`, a Uint8Array of side × side; `start` and `end` in pixels.
export function drawSegment(ink, side, [x0, y0], [x1, y1], radius) {
  const reach = radius + 1;
  const clip = (value) => Math.min(side, Math.max(0, value));
  const left = clip(Math.floor(Math.min(x0, x1) - reach));
  const right = clip(Math.ceil(Math.max(x0, x1) + reach));
  const top = clip(Math.floor(Math.min(y0, y1) - reach));
  const bottom = clip(Math.ceil(Math.max(y0, y1) + reach));
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length2 = dx * dx + dy * dy;
  for (let row = top; row < bottom; row++) {
    const y = row + 0.5 - y0;
    for (let column = left; column < right; column++) {
      const x = column + 0.5 - x0;
      const part = length2 > 0 ? (x * dx + y * dy) / length2 : 0;
      const along = Math.min(1, Math.max(0, part));
      const [fx, fy] = [x - along * dx, y - along * dy];
      const covered = Math.min(1, Math.max(0, radius + 0.5 - Math.sqrt(fx * fx + fy * fy)));
      const drawn = Math.floor(255 * covered + 0.5);
      const place = row * side + column;
      if (drawn > ink[place]) ink[place] = drawn;
    }
  }
}

// The piece of a stroke that ends at its point number `i`, in fractions of the pad.
export function drawPoint(ink, stroke, i, brush, side = SIDE) {
  const pixels = ([x, y]) => [x * side, y * side];
  drawSegment(ink, side, pixels(stroke[Math.max(0, i - 1)]), pixels(stroke[i]), (brush * side) / SIDE / 2);
}

export function rasterize(strokes, { side = SIDE, brush = BRUSH } = {}) {
  const ink = new Uint8Array(side * side);
  for (const stroke of strokes) {
    const first = Math.min(1, stroke.length - 1);
    for (let i = Math.max(0, first); i < stroke.length; i++) drawPoint(ink, stroke, i, brush, side);
  }
  return ink;
}

// Sums of ink over columns and rows, and the smallest box that holds all ink (null: no ink).
export function inkBox(ink, width, height) {
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = ink[y * width + x];
      columns[x] += value;
      rows[y] += value;
    }
  }
  const filled = (sums) => [sums.findIndex((sum) => sum > 0), sums.findLastIndex((sum) => sum > 0) + 1];
  const [[left, right], [top, bottom]] = [filled(columns), filled(rows)];
  return left < 0 ? null : { left, top, right, bottom, columns, rows };
}

// What each pixel of ink gives to each pixel of the picture, along one axis: for every pixel of
// the picture the first pixel of ink that it covers, and the weights from there on.
function resampling(mass, scale, [boxLow, boxHigh], [low, high], center) {
  let middle = (boxLow + boxHigh) / 2;
  let goal = PICTURE / 2;
  if (center) {
    const total = mass.reduce((sum, value) => sum + value, 0);
    middle = mass.reduce((sum, value, i) => sum + value * (i + 0.5), 0) / total;
    goal = MIDDLE;
    const [start, end] = [goal + (low - middle) * scale, goal + (high - middle) * scale];
    goal += Math.max(0, -start) - Math.max(0, end - PICTURE);
  }
  const half = Math.max(1 / scale, 1) / 2;
  return Array.from({ length: PICTURE }, (_, i) => {
    const at = (i + 0.5 - goal) / scale + middle;
    const [start, end] = [at - half, at + half];
    const from = Math.max(0, Math.floor(start));
    const weights = [];
    for (let p = from; p < Math.min(mass.length, Math.ceil(end)); p++) {
      weights.push(Math.max(0, Math.min(end, p + 1) - Math.max(start, p)) / (2 * half));
    }
    return { from, weights };
  });
}

// Uint8Array ink of width × height -> Uint8Array(784), 0 for paper to 255 for ink.
export function normalizeDrawing(
  ink,
  width,
  height,
  { crop = true, keepAspect = true, center = true } = {},
) {
  const picture = new Uint8Array(PICTURE * PICTURE);
  const drawn = inkBox(ink, width, height);
  if (!drawn) return picture;
  const box = crop ? drawn : { left: 0, top: 0, right: width, bottom: height };
  const sizes = [box.right - box.left, box.bottom - box.top];
  const room = crop ? DIGIT : PICTURE;
  const [scaleX, scaleY] = sizes.map((size) => room / (keepAspect ? Math.max(...sizes) : size));
  const columns = resampling(
    drawn.columns, scaleX, [box.left, box.right], [drawn.left, drawn.right], center,
  );
  const rows = resampling(
    drawn.rows, scaleY, [box.top, box.bottom], [drawn.top, drawn.bottom], center,
  );
  // along the rows first, then down the columns
  const narrow = new Float64Array(height * PICTURE);
  for (let y = drawn.top; y < drawn.bottom; y++) {
    for (let i = 0; i < PICTURE; i++) {
      const { from, weights } = columns[i];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * ink[y * width + from + k];
      narrow[y * PICTURE + i] = sum;
    }
  }
  for (let j = 0; j < PICTURE; j++) {
    const { from, weights } = rows[j];
    for (let i = 0; i < PICTURE; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * narrow[(from + k) * PICTURE + i];
      picture[j * PICTURE + i] = Math.min(255, Math.floor(sum + 0.5));
    }
  }
  return picture;
}
