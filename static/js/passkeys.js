// Passkeys: the forms stand in templates, so without a script (or a browser that can) nobody sees them.
const can = window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.isSecureContext;

for (const template of can ? document.querySelectorAll("template[data-passkey]") : []) {
  const form = template.content.querySelector("form");
  template.replaceWith(template.content);
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const options = JSON.parse(form.dataset.options);
    const asked =
      form.dataset.kind === "make"
        ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    asked.then(
      (credential) => {
        form.elements.credential.value = JSON.stringify(credential.toJSON());
        form.submit();
      },
      () => {
        form.querySelector("[data-failed]").hidden = false; // refused, taken too long, or there already
      },
    );
  });
}
