"""What an index keeps beside its postings: the acts as shown, words and terms as analysed, and which build is in use."""
