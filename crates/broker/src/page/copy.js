history.replaceState(null, '', location.pathname);
document.getElementById('copy').addEventListener('click', () => {
  const token = document.getElementById('token');
  getSelection().selectAllChildren(token);
  navigator.clipboard ? navigator.clipboard.writeText(token.textContent) : document.execCommand('copy');
});
