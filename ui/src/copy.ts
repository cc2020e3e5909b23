// Copying text, also where the web view has no clipboard of its own.

/** Puts the text on the clipboard; answers whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const area = document.createElement('textarea');
  area.className = 'unseen';
  area.value = text;
  area.setAttribute('aria-hidden', 'true');
  // Inside the focused dialog, where there is one: a focus trap would take the selection away otherwise.
  (before?.closest('[role=dialog]') ?? document.body).append(area);
  area.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    done = false;
  }
  area.remove();
  before?.focus();
  return done;
}
