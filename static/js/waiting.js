/** Forms that read a partner's site: say so, and do not let the button be pressed twice. */

for (const form of document.querySelectorAll("form[data-waiting]")) {
  form.addEventListener("submit", () => {
    form.querySelector(".bo-waiting").textContent = form.dataset.waiting;
    // After the submission has taken the button's own value.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
    });
  });
}
// Coming back by the browser's history: the page is as it was, its buttons too.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
