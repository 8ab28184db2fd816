// The picture of an explorer: shows the PNG that Python drew, and, where Python asks for it,
// reports the place a pointer touches, as fractions of the picture (x to the right, y down).

export function fraction(event, box) {
  const clamp = (value) => Math.min(1, Math.max(0, value));
  return [
    clamp((event.clientX - box.left) / box.width),
    clamp((event.clientY - box.top) / box.height),
  ];
}

// Letters and arrows in a menu or on a button are no commands to the notebook; without this the
// down key in a menu chooses the next cell. Shift+Enter and Ctrl+S still are commands.
function keepFromNotebook(event) {
  const command = event.ctrlKey || event.metaKey || event.altKey;
  if (!command && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
}

function render({ model, el }) {
  const image = document.createElement("img");
  image.className = "course-picture";
  image.draggable = false;
  el.append(image);

  let url = null;
  const paint = () => {
    const old = url;
    url = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    image.src = url;
    image.style.width = `${model.get("width")}px`;
    if (old) URL.revokeObjectURL(old);
  };
  const describe = () => {
    image.alt = model.get("alt");
  };
  model.on("change:png", paint);
  model.on("change:alt", describe); // the words may change where the picture stays
  paint();
  describe();

  const cutOff = () => {
    const says = document.createElement("p");
    says.className = "course-cut-off";
    says.textContent = "Not connected to a kernel: run the cell above again.";
    image.before(says);
    model.off("comm_live_update", cutOff);
  };
  model.on("comm_live_update", cutOff);

  const shown = new ResizeObserver(() => {
    el.closest(".course-explorer")?.addEventListener("keydown", keepFromNotebook);
  });
  shown.observe(image);

  let held = false;
  const point = (event) => {
    const place = fraction(event, image.getBoundingClientRect());
    if (event.type === "pointerdown") model.set("pressed", place);
    model.set("point", place);
    model.save_changes();
  };
  if (model.get("touchable")) {
    image.classList.add("course-touchable");
    image.addEventListener("pointerdown", (event) => {
      held = true;
      image.setPointerCapture(event.pointerId);
      point(event);
    });
    image.addEventListener("pointermove", (event) => held && point(event));
    for (const end of ["pointerup", "pointercancel"]) {
      image.addEventListener(end, () => (held = false));
    }
  }
  return () => {
    model.off("change:png", paint);
    model.off("change:alt", describe);
    model.off("comm_live_update", cutOff);
    shown.disconnect();
    URL.revokeObjectURL(url);
  };
}

export default { render };
