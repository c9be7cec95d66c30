/** Inside the frame: tell the page around how high it is. Nothing but a height is ever sent. */
const tell = () => {
  parent.postMessage({ type: "carrefour-hauteur", height: document.body.offsetHeight }, "*");
};

if (parent !== window) {
  new ResizeObserver(tell).observe(document.body);
  addEventListener("load", tell);
}
