"""Samples: from one encoding to another, in and out of WAV files, and how loud they are.

Nothing here is imported before there is sound: the modules that compute need numpy.
"""
