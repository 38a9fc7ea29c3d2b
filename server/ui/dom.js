// Elements from data. Text only ever becomes text: nothing that was pushed is parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (value === true) {
      node.setAttribute(name, "");
    } else if (value !== false && value !== undefined) {
      node.setAttribute(name, value);
    }
  }
  node.append(...children.flat(2).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

// An element: attributes (true: without a value; false: none), `on` with listeners, children.
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// Makes these the children of a parent, moving and removing only what has to be.
export function arrange(parent, children) {
  let place = parent.firstChild;
  for (const child of children) {
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Says something to everybody: shown for a while, and read out.
export function notify(text, failed = false) {
  const notice = document.getElementById("notice");
  notice.textContent = text;
  notice.className = failed ? "failed" : "";
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => { notice.textContent = ""; }, failed ? 10000 : 5000);
}
