// What the passkey dialogs could not do is said on the page: allauth only tells the console.
// @ts-check

const says = document.getElementById("passkey-failed");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  if (says) says.hidden = false;
});
