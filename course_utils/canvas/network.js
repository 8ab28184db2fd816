// Small networks in the page: what network.py packed is unpacked and run here. A tensor is
// { data: Float32Array, shape: [C, H, W] } or, when flat, { data, shape: [n] }.

function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// Put the weights, lying in an ArrayBuffer as `network.py` packed them, into the layers.
export function unpack(layers, buffer, offset = 0) {
  const numbers = ({ start, length, half }) =>
    half
      ? Float32Array.from(new Uint16Array(buffer.slice(offset + start, offset + start + 2 * length)), fromHalf)
      : new Float32Array(buffer.slice(offset + start, offset + start + 4 * length));
  return layers.map((layer) => ({
    ...layer,
    ...(layer.weight && { weight: numbers(layer.weight), bias: numbers(layer.bias) }),
  }));
}

function linear({ data }, { weight, bias }) {
  const out = Float32Array.from(bias);
  for (let o = 0; o < out.length; o++) {
    let sum = 0;
    const row = o * data.length;
    for (let i = 0; i < data.length; i++) sum += weight[row + i] * data[i];
    out[o] += sum;
  }
  return { data: out, shape: [out.length] };
}

// A copy with `py` rows and `px` columns of `value` around every channel.
function padded({ data, shape: [channels, height, width] }, [py, px], value) {
  if (!py && !px) return { data, shape: [channels, height, width] };
  const [H, W] = [height + 2 * py, width + 2 * px];
  const out = new Float32Array(channels * H * W).fill(value);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const start = (c * height + y) * width;
      out.set(data.subarray(start, start + width), (c * H + y + py) * W + px);
    }
  }
  return { data: out, shape: [channels, H, W] };
}

const outputSize = (size, kernel, stride) => Math.floor((size - kernel) / stride) + 1;

function conv(input, { weight, bias, kernel: [kh, kw], stride: [sy, sx], padding }) {
  const { data, shape: [channels, H, W] } = padded(input, padding, 0);
  const [h, w] = [outputSize(H, kh, sy), outputSize(W, kw, sx)];
  const out = new Float32Array(bias.length * h * w);
  let place = 0;
  for (let o = 0; o < bias.length; o++) {
    const plane = out.subarray(o * h * w, (o + 1) * h * w).fill(bias[o]);
    for (let c = 0; c < channels; c++) {
      for (let ky = 0; ky < kh; ky++) {
        for (let kx = 0; kx < kw; kx++) {
          const factor = weight[place++];
          for (let y = 0; y < h; y++) {
            let from = (c * H + y * sy + ky) * W + kx;
            for (let x = y * w; x < (y + 1) * w; x++, from += sx) plane[x] += factor * data[from];
          }
        }
      }
    }
  }
  return { data: out, shape: [bias.length, h, w] };
}

function pool(input, { kernel: [kh, kw], stride: [sy, sx], padding }, start, join, finish) {
  const { data, shape: [channels, H, W] } = padded(input, padding, start);
  const [h, w] = [outputSize(H, kh, sy), outputSize(W, kw, sx)];
  const out = new Float32Array(channels * h * w);
  for (let c = 0, place = 0; c < channels; c++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        let value = start;
        for (let ky = 0; ky < kh; ky++) {
          const row = (c * H + y * sy + ky) * W + x * sx;
          for (let kx = 0; kx < kw; kx++) value = join(value, data[row + kx]);
        }
        out[place++] = finish(value);
      }
    }
  }
  return { data: out, shape: [channels, h, w] };
}

// One factor and one summand a channel: what a batch normalisation in eval mode comes down to.
function scale({ data, shape }, { weight, bias }) {
  const size = data.length / weight.length;
  return { data: data.map((v, i) => v * weight[(i / size) | 0] + bias[(i / size) | 0]), shape };
}

const each = (f) => ({ data, shape }) => ({ data: data.map(f), shape });

const LAYERS = {
  linear,
  conv,
  scale,
  maxpool: (input, layer) => pool(input, layer, -Infinity, (a, b) => (a > b ? a : b), (v) => v),
  avgpool: (input, layer) =>
    pool(input, layer, 0, (a, b) => a + b, (v) => v / (layer.kernel[0] * layer.kernel[1])),
  relu: each((v) => (v > 0 ? v : 0)),
  sigmoid: each((v) => 1 / (1 + Math.exp(-v))),
  tanh: each(Math.tanh),
  flatten: ({ data }) => ({ data, shape: [data.length] }),
};

// Uint8Array(784) -> logits, a Float32Array.
export function forward(layers, picture) {
  const start = { data: Float32Array.from(picture, (v) => v / 255), shape: [1, 28, 28] };
  return layers.reduce((input, layer) => LAYERS[layer.kind](input, layer), start).data;
}

export function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (z) => Math.exp(z - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
