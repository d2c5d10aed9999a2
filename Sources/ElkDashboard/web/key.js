// The visitor's key: asked for when the server wants one, kept in this tab only.

const place = 'elk.key';

export class Key {
  constructor(dialog) {
    this.dialog = dialog;
    this.field = dialog.querySelector('input');
    this.note = dialog.querySelector('#key-note');
    this.usual = this.note.textContent;
    dialog.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#close(this.field.value.trim() || null);
    });
    dialog.querySelector('#key-cancel').addEventListener('click', () => this.#close(null));
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.#close(null);
    });
  }

  get value() {
    return sessionStorage.getItem(place);
  }

  forget() {
    sessionStorage.removeItem(place);
  }

  /** Asks for a key. The answer is whether one was given. */
  ask(wasWrong = false) {
    this.note.textContent = wasWrong ? 'The server does not know that key. Look at it again.' : this.usual;
    this.note.classList.toggle('wrong', wasWrong);
    this.field.value = '';
    if (!this.dialog.open) this.dialog.showModal();
    this.field.focus();
    return new Promise((resolve) => {
      this.settle?.(false);
      this.settle = resolve;
    });
  }

  #close(key) {
    if (key) sessionStorage.setItem(place, key);
    if (this.dialog.open) this.dialog.close();
    const settle = this.settle;
    this.settle = null;
    settle?.(Boolean(key));
  }
}
