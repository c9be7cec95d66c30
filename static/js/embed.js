/**
 * For the pages of other sites: give each frame of the Carrefour the height of what it holds.
 * A message counts only when it comes from the very frame, and from the site that it shows.
 */
addEventListener("message", (event) => {
  if (event.data?.type !== "carrefour-hauteur") return;
  for (const frame of document.querySelectorAll("iframe[data-carrefour]")) {
    const origin = new URL(frame.src, document.baseURI).origin;
    const height = Number(event.data.height);
    if (event.source !== frame.contentWindow || event.origin !== origin) continue;
    if (height > 0 && height < 20000) frame.height = Math.ceil(height);
  }
});
