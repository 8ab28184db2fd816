// Runs in JupyterLab's page for bench_pad.py: notes for each move of the mouse when its ink was
// painted on the visible canvas of the pad that is watched, and when its numbers changed.
() => {
  const bench = (window.bench = { moves: [], looking: false, answered: 0 });

  // Call `before` as the next frame is made and `after`, with what it gave, once it is painted.
  const painted = (before, after) =>
    requestAnimationFrame(() => {
      const found = before();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => after(found, performance.now());
      port2.postMessage(0);
    });

  const inked = ({ ink, x, y }) =>
    ink === null && bench.canvas.getContext("2d").getImageData(x, y, 1, 1).data[3] > 127;

  function look() {
    if (bench.looking) return;
    bench.looking = true;
    painted(
      () => ((bench.looking = false), bench.moves.filter(inked)),
      (moves, now) => moves.forEach((move) => (move.ink = now - move.at)),
    );
  }

  for (const name of ["stroke", "fill", "fillRect", "drawImage", "putImageData"]) {
    const original = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      original.apply(this, given);
      if (this.canvas === bench.canvas) look();
    };
  }

  const observer = new MutationObserver(() =>
    painted(
      () => bench.moves.filter(({ reading }) => reading === null),
      (moves, now) => {
        bench.answered = now;
        moves.forEach((move) => (move.reading = now - move.at));
      },
    ),
  );

  // A brush is a fourteenth of the side wide; a point 0.7 of its radius ahead is new with a move.
  function moved({ timeStamp, clientX, clientY, buttons }) {
    const [lastX, lastY] = bench.last ?? [];
    bench.last = [clientX, clientY];
    if (!buttons || lastX === undefined) return;
    const box = bench.canvas.getBoundingClientRect();
    const zoom = bench.canvas.width / box.width;
    const [dx, dy] = [clientX - lastX, clientY - lastY];
    const ahead = (0.7 * box.width) / 28 / Math.hypot(dx, dy);
    bench.moves.push({
      at: timeStamp,
      ink: null,
      reading: null,
      x: Math.round((clientX + ahead * dx - box.left) * zoom),
      y: Math.round((clientY + ahead * dy - box.top) * zoom),
    });
  }
  addEventListener("pointermove", moved, { capture: true });

  bench.watch = (canvas, numbers) => {
    observer.disconnect();
    const everything = { subtree: true, childList: true, characterData: true, attributes: true };
    observer.observe(numbers, everything);
    Object.assign(bench, { canvas, moves: [], last: null });
  };

  // Wait, `most` ms at the longest, until every move has its ink, and its reading or, for a hand
  // that did not wait, until the numbers have come to rest.
  bench.settle = async (patient, most) => {
    const rest = () => performance.now() - Math.max(bench.answered, bench.moves.at(-1).at) > 500;
    const done = () =>
      bench.moves.every(({ ink, reading }) => ink !== null && (!patient || reading !== null)) &&
      (patient || rest());
    const end = performance.now() + most;
    while (performance.now() < end && !done()) await new Promise((go) => setTimeout(go, 4));
  };

  bench.report = () => {
    const now = performance.now();
    const last = bench.moves.at(-1).at;
    const seen = bench.answered > last ? bench.answered : now;
    return bench.moves.map(({ at, ink, reading }) => ({
      shown: ink !== null,
      ink: ink ?? now - at,
      reading: reading ?? now - at,
      final: seen - last,
    }));
  };
}
