/** Copy the address of a record, or print it. */

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const status = document.getElementById("copie");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      status.textContent = "Le lien de la fiche a été copié.";
      button.textContent = "Lien copié";
    } catch {
      status.textContent = `Copie impossible. Le lien de la fiche est ${button.dataset.copy}`;
      status.classList.remove("fr-sr-only");
    }
  });
}

// Results that are replaced bring a button of their own.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
