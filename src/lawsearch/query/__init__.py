"""What the user typed: words and phrases, citations, and what each word is looked for as."""
